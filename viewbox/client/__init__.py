"""What the server knows about a player beyond its words: browser, system, device, country, and whether it is a bot."""

from viewbox.client.country import country_of
from viewbox.client.facts import ClientFacts, Device
from viewbox.client.user_agent import parse_user_agent

__all__ = ["ClientFacts", "Device", "country_of", "parse_user_agent"]
