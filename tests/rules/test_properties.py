"""What holds for every configuration there can be."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import Severity, check
from cdk_lmi.rules.facts import UNKNOWN, Facts

whole_numbers = st.integers(-10, 40_000)
instance_types = st.lists(
    st.sampled_from(
        ["m7g.large", "c7i.xlarge", "r8g.*", "t3.micro", "m6a.medium", "x2gd.large", "*.large", "u-6tb1.metal"]
    ),
    max_size=4,
    unique=True,
).map(tuple)
patterns = st.lists(
    st.sampled_from(["m7g.large", "c*", "m7i*.*", "*.small", "t*", "t3*", "*g.*", "x*"]), max_size=4
).map(tuple)
names_of_types = st.from_regex(
    r"([cgmprtx]|trn)[1-9](a|g|i|gn|i-flex)?\.(nano|medium|large|4xlarge|metal)", fullmatch=True
)

FACTS = {
    "runtime": st.sampled_from(
        ["python3.12", "python3.14", "nodejs22.x", "java8.al2", "provided.al2023", "ruby3.4", ""]
    ),
    "handler": st.sampled_from(["index.handler", "index:handler", "handler", "a.b/c", ":", ""]) | st.text(max_size=20),
    "architecture": st.sampled_from(["arm64", "x86_64"]),
    "memory_size": whole_numbers,
    "execution_environment_memory_gib_per_v_cpu": st.sampled_from([2, 4, 8, 2.0]) | st.floats(-1, 20) | st.floats(),
    "per_execution_environment_max_concurrency": st.integers(-10, 2000),
    "min_execution_environments": whole_numbers,
    "max_execution_environments": whole_numbers | st.none(),
    "ephemeral_storage_size": whole_numbers,
    "timeout": st.integers(-10, 10_000),
    "visibility_timeout": st.integers(0, 43_200),
    "vpc": st.booleans(),
    "snap_start": st.booleans(),
    "filesystem": st.booleans(),
    "reserved_concurrent_executions": st.integers(0, 100) | st.none(),
    "tenancy_config": st.booleans(),
    "logging_format": st.sampled_from(["JSON", "Text"]),
    "has_capacity_provider": st.booleans(),
    "capacity_provider_arn": st.sampled_from(["arn:aws:lambda:eu-west-1:123456789012:capacity-provider:a", "Pool", ""]),
    "accelerator": st.booleans(),
    "package_type": st.sampled_from(["Zip", "Image"]),
    "published_versions": st.integers(0, 3),
    "publish_to_latest_published": st.booleans(),
    "lone_scaling_bound": st.none() | st.just("MinExecutionEnvironments"),
    "called_services": st.lists(st.sampled_from(["dynamodb", "iam", "logs", "route53", "sqs"]), unique=True).map(tuple),
    "calls_anything": st.booleans(),
    "scales_latest_published": st.booleans(),
    "latest_published_deactivated": st.booleans(),
    "scaled_versions": st.sampled_from([(), ("Version",)]),
    "unscaled_versions": st.sampled_from([(), ("Version",)]),
    "unqualified_callers": st.sampled_from([(), ("Method", "Permission")]),
    "called_function": st.just("Function"),
    "is_hook": st.booleans(),
    "calls_latest": st.booleans(),
    "event_invoke_configs_of_latest": st.sampled_from([(), ("Config",)]),
    "aliases_of_latest": st.sampled_from([(), ("Alias",)]),
    "alias_of_same_name": st.none() | st.just("Other"),
    "provisioned": st.sampled_from([(), ("Alias",)]),
    "retained_versions": st.sampled_from([(), ("Version",)]),
    "versions_retained_on_replacement": st.sampled_from([(), ("Version",)]),
    "alias_name": st.sampled_from(["live", "", "1", "li ve", "a" * 129, "v1"]),
    "default_capacity_providers": st.integers(0, 5),
    "v_cpus_of_other_functions": st.integers(0, 20_000),
    "v_cpus_of_other_versions": st.integers(0, 20_000),
    "max_v_cpu_count_for_all": st.integers(0, 20_000),
    "version": st.just("Version"),
    "shifts_traffic": st.booleans(),
    "rollback_triggers": st.integers(0, 3),
    "shift_minutes": st.integers(0, 120),
    "schedule": st.just("Night"),
    "schedule_qualifier": st.sampled_from([None, "7", "$LATEST.PUBLISHED", "live", ""]),
    "min_execution_environments_of_new_version": whole_numbers,
    "max_execution_environments_of_new_version": whole_numbers | st.none(),
    "capacity_provider_architectures": st.sampled_from([(), ("arm64",), ("x86_64",), ("arm64", "x86_64")]),
    "max_v_cpu_count": whole_numbers,
    "scaling_mode": st.sampled_from(["Auto", "Manual"]),
    "scaling_targets": st.lists(st.floats(-10, 200), max_size=12).map(tuple),
    "allowed_instance_types": instance_types | patterns,
    "excluded_instance_types": instance_types,
    "subnets": st.integers(0, 20),
    "vpcs": st.sampled_from([(), ("Vpc",), ("Vpc", "OtherVpc")]),
    "availability_zones": st.integers(0, 6),
    "security_groups": st.integers(0, 8),
    "routes_out": st.booleans(),
    "endpoint_services": st.lists(st.sampled_from(["dynamodb", "logs", "sqs"]), unique=True).map(tuple),
    "endpoints_without_private_dns": st.sampled_from([(), ("Endpoint",)]),
    "endpoints_refusing_instances": st.sampled_from([(), ("Endpoint",)]),
    "conflicting_endpoints": st.sampled_from([(), ("Endpoint",)]),
    "https_out": st.booleans(),
    "capacity_provider_name": st.none() | st.just("pool"),
    "capacity_provider_log_group": st.none() | st.sampled_from(["aws/pool", "/aws/pool", "pool"]),
    "function_versions": st.integers(0, 150),
    "published_functions": st.integers(0, 150),
    "propagated_tags": st.integers(0, 60),
    "operator_trusts": st.sampled_from([(), ("ec2.amazonaws.com",), ("lambda.amazonaws.com",), ("*",)]),
    "operator_policies": st.lists(
        st.sampled_from(
            ["AWSLambdaManagedEC2ResourceOperator", "service-role/AWSLambdaManagedEC2ResourceOperator", "Ours"]
        )
    ).map(tuple),
    "actions_missing_on_key": st.sampled_from([(), ("kms:CreateGrant",)]),
}

#: The rules that judge which instance types are allowed.
OF_ALLOWED_TYPES = {"LMI407", "LMI408", "LMI409", "LMI410", "LMI416"}

configurations = st.builds(Facts, **FACTS)


def test_no_fact_is_left_out_here():
    """The strategies below cover every fact, so that what is shown here is shown of all of them."""
    assert set(FACTS) == set(Facts.__dataclass_fields__)


@given(st.builds(Facts, **{fact: values | st.just(UNKNOWN) for fact, values in FACTS.items()}))
def test_no_configuration_makes_a_rule_raise(facts):
    """Whatever is known and whatever it is, rules answer."""
    for violation in check(facts, RULES):
        assert str(violation)


@given(configurations, st.sets(st.sampled_from(sorted(FACTS))))
def test_knowing_less_never_adds_a_violation(facts, forgotten):
    """A token in place of a value can hide a violation, and never is one."""
    known = {violation.id for violation in check(facts, RULES)}
    less = {violation.id for violation in check(replace(facts, **dict.fromkeys(forgotten, UNKNOWN)), RULES)}
    assert less <= known


@given(configurations)
def test_every_fix_mends_what_it_is_for(facts):
    """Each change that a finding offers, made alone, silences its rule."""
    for rule in RULES:
        finding = rule.find(facts)
        if finding is None:
            continue
        assert finding.fix
        for change in finding.fix:
            if change.values:
                assert rule.find(replace(facts, **change.values)) is None, (rule.id, change)
            else:
                assert "acknowledge" in str(change.words)
                assert (finding.severity or rule.severity) is Severity.WARNING


@settings(max_examples=50)
@given(configurations)
def test_who_follows_the_fixes_ends_with_no_error(facts):
    """Doing what the first error says, over and over, leads to a configuration that AWS takes."""
    for _ in range(3 * len(RULES)):
        errors = (
            finding
            for rule in RULES
            if (finding := rule.find(facts)) and (finding.severity or rule.severity) is Severity.ERROR
        )
        first = next(errors, None)
        if first is None:
            return
        facts = replace(facts, **first.fix[0].values)
    raise AssertionError(f"the advice goes round in circles: {check(facts, RULES)}")


@given(
    names_of_types,
    st.integers(0, 12),
    st.integers(0, 12),
    st.lists(names_of_types, max_size=2),
    st.sampled_from([2, 4, 8]),
)
def test_a_pattern_violates_nothing_that_a_type_it_stands_for_does_not(sound, ids, name, first, length, others, ratio):
    """Whatever part of a name a wildcard stands for."""
    pattern = f"{name[:first]}*{name[first + length :]}"
    by_type, by_pattern = (
        OF_ALLOWED_TYPES.intersection(
            ids(
                replace(
                    sound, execution_environment_memory_gib_per_v_cpu=ratio, allowed_instance_types=(allowed, *others)
                )
            )
        )
        for allowed in (name, pattern)
    )
    assert by_pattern <= by_type
