// The code from the console stands behind the # of the address, where no server and no log gets to see it.
"use strict";

const code = document.querySelector("[data-from-hash]");
if (code && location.hash.length > 1 && !code.value) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  document.querySelector("[name=name]").focus();
}
