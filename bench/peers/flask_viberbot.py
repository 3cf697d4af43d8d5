"""The webhook as the README of Viber's own Python package teaches it: verify, parse, 200. It keeps nothing."""

import os

from flask import Flask, Response, request
from viberbot import Api
from viberbot.api.bot_configuration import BotConfiguration

application = Flask(__name__)
viber = Api(BotConfiguration(name="Općina", avatar="", auth_token=os.environ["PEER_TOKEN"]))


@application.route("/hooks/viber/", methods=["POST"])
def incoming():
    if not viber.verify_signature(request.get_data(), request.headers.get("X-Viber-Content-Signature")):
        return Response(status=403)
    viber.parse_request(request.get_data())
    return Response(status=200)


@application.route("/health/live")
def live():
    return Response("Alive.")
