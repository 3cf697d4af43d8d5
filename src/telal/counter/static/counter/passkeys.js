// Passkeys: what a form asks of the browser is in its json_script, or is fetched from data-options when it is wanted.
"use strict";

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    const error = form.querySelector("[role=alert]");
    if (error) error.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await credential(form));
      form.submit();
    } catch {
      if (error) error.hidden = false;
      delete form.dataset.sent;
    }
  });
}

async function credential(form) {
  if (form.dataset.options) {
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    return webauthnJSON.get((await answer.json()).request_options);
  }
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  if (options.request_options) return webauthnJSON.get(options.request_options);
  const wanted = options.creation_options.publicKey.authenticatorSelection;
  const alone = form.elements.passwordless && form.elements.passwordless.checked;
  wanted.residentKey = alone ? "required" : "discouraged";
  wanted.requireResidentKey = Boolean(alone);
  if (alone) wanted.userVerification = "required";
  return webauthnJSON.create(options.creation_options);
}
