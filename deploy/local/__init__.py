"""The embedded stack: everything funnelwatch needs, as local processes without Docker or Java."""
