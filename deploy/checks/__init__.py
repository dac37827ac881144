"""What `funnelwatch doctor` looks at, by subject; each check takes the settings and returns what it found."""
