['inquiry', 'mql', 'sal', 'sql', 'opportunity', 'customer'] AS steps
