"""Who may call the API."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from constructs import Construct
from options import Authorizer

#: How long somebody who was signed out or deleted is let in at the most: API Gateway looks at the signature and the
#: expiry of an id token, and asks nobody whether it still holds. Cognito's least is five minutes; apps get new tokens
#: with the refresh token, which can be revoked.
#: https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
LIFE_OF_TOKENS = Duration.minutes(15)


def default_method_options(scope: Construct, authorizer: Authorizer, *, keep: bool) -> apigateway.MethodOptions:
    """Give what holds for all methods of the API.

    Args:
        scope: Where a user pool is defined, if one is needed.
        authorizer: Who says which callers may.
        keep: Whether a user pool stays, and cannot be deleted, when the stack goes.
    """
    if authorizer is Authorizer.IAM:
        return apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM)
    users = Users(scope, "Users", keep=keep)
    return apigateway.MethodOptions(
        authorization_type=apigateway.AuthorizationType.COGNITO,
        authorizer=apigateway.CognitoUserPoolsAuthorizer(
            scope,
            "Authorizer",
            cognito_user_pools=[users.pool],
            # It comes on top of the life of the token.
            results_cache_ttl=Duration.minutes(1),
        ),
    )


class Users(Construct):
    """A user pool whose users are invited, and sign in with a second factor.

    Args:
        scope: The construct that it is defined in.
        id: Its name there.
        keep: Whether it stays, and cannot be deleted, when the stack goes.
    """

    def __init__(self, scope: Construct, id: str, *, keep: bool) -> None:
        super().__init__(scope, id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12, require_digits=True, require_lowercase=True, require_symbols=True, require_uppercase=True
            ),
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=keep,
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
        )
        client = self.pool.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_srp=True),
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            id_token_validity=LIFE_OF_TOKENS,
            access_token_validity=LIFE_OF_TOKENS,
        )
        stack = Stack.of(self)
        CfnOutput(stack, "UserPool", value=self.pool.user_pool_id)
        CfnOutput(stack, "UserPoolClient", value=client.user_pool_client_id)
