"""Filters for money, time and states."""

from django import template

register = template.Library()
