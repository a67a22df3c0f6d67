"""What a person sees: the hosted onboarding and checkout, and the sandbox's own desk."""
