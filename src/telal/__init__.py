"""Telal tells citizens, in Viber, what has just happened to their case, and answers when they ask."""
