"""Operations that tell callers too little, or something wrong."""

from __future__ import annotations

from contract.kit.breaking import Broken, operation, parameter
from contract.kit.sound import IMAGE
from taskferry import Typical


class NameWithoutProvider(Broken):
    """The operation's name has no provider."""

    caught_by = "test_operations_are_named"
    operations = operation(name="sound/Make Image")


class NoDescription(Broken):
    """The operation is not described."""

    caught_by = "test_operations_are_named"
    operations = operation(description="")


class SlowerThanSlow(Broken):
    """The usual duration is longer than the slow one."""

    caught_by = "test_typical_durations"
    operations = operation(typical=Typical(median=60, slow=20))


class Milliseconds(Broken):
    """There is no duration at all."""

    caught_by = "test_typical_durations"
    operations = operation(typical=Typical(median=0, slow=0))


class NoSchema(Broken):
    """A type that JSON Schema does not know."""

    caught_by = "test_schemas_are_sound"
    operations = parameter("seed", type="int", description="The seed.", minimum=0)


class RequiredUnknown(Broken):
    """A parameter is required that is not there."""

    caught_by = "test_schemas_are_sound"
    operations = operation(parameters={**IMAGE.parameters, "required": ["prompt", "size"]})


class NotDescribed(Broken):
    """A parameter without a description."""

    caught_by = "test_parameters_are_described"
    operations = parameter("style", enum=["photo", "drawing"])


class NoType(Broken):
    """A parameter that takes anything."""

    caught_by = "test_parameters_are_described"
    operations = parameter("style", description="What it is like.", examples=["photo", "drawing"])


class NoBounds(Broken):
    """A number without bounds."""

    caught_by = "test_parameters_have_limits"
    operations = parameter("count", type="integer", description="How many images.")


class EndlessList(Broken):
    """A list of any length."""

    caught_by = "test_parameters_have_limits"
    operations = parameter("references", type="array", items={"type": "string"}, description="Images.")


class DefaultOutside(Broken):
    """A default that is not allowed."""

    caught_by = "test_enums_and_defaults"
    operations = parameter("style", type="string", enum=["photo", "drawing"], default="none", description="Its style.")


class EnumOfOtherType(Broken):
    """An enum of numbers that says it is text."""

    caught_by = "test_enums_and_defaults"
    operations = parameter("count", type="string", enum=[1, 2], description="How many images.")


class InvalidExample(Broken):
    """An example that the schema does not take."""

    caught_by = "test_examples_are_valid"
    operations = operation(example={"prompt": "a fox", "count": 9})


class NoExample(Broken):
    """There is no example of a job."""

    caught_by = "test_examples_are_valid"
    operations = operation(example={})
