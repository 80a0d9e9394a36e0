"""The roof: config, command line, wiring, the river."""
