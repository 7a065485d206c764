"""The official conformance suite of the Model Context Protocol against this server, in the extension's own words."""
