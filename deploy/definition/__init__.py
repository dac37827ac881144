"""What `funnelwatch definition` says about a definition file."""
