"""A small production-like site that the endpoint figures are taken on: real server, real login, real commits."""
