"""The web app's files: built from `web/` by the Node from PyPI, and put into the site bucket."""
