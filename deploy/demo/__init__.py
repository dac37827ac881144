"""A simulated company: what its visitors, forms and CRM would say, for demonstrations and for tests."""

from deploy.demo.company import simulate
from deploy.demo.story import Message

__all__ = ["Message", "simulate"]
