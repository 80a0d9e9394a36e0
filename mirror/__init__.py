"""Puts editions on mirrors and replaces mirrors."""
