"""From the events of one lead to its facts: stages, obligations, touches, activities, deals."""
