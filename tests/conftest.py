"""Examples of hypothesis are the same every time, for everybody; ``--hypothesis-profile=dev`` asks for new ones."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]
collect_ignore = ["mutants.py", "mutations.py"]  # run by hand

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci")
