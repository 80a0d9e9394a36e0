"""Carries editions by mail: out to email-to-feed gateways, and our own such gateway."""
