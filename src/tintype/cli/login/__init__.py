"""Sign-ins of people: the way through the browser, and the tokens on this machine."""
