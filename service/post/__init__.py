"""Post: letters to gateways, and the gateway of our own."""
