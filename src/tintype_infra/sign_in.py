"""Sign-in: the mode, the user pool that the stack brings, and what holds for any issuer.

Start with `SignIn`. The mode may be a parameter, so the template has what each mode needs under a
condition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import Aws, CfnResource, Fn, RemovalPolicy, Token
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from tintype.access import AccessMode
from tintype.config import Access, Service
from tintype_infra.choice import differs, equals, is_true
from tintype_infra.names import unique_name

SIGNED_IN = "/signed-in"  # the page's address to which people come back
COMMAND_LINE = f"http://localhost:8976{SIGNED_IN}"  # where `tintype login` listens meanwhile
SCOPES = ("openid", "email", "profile")
GROUPS = "cognito:groups"  # the claim of Cognito's tokens
SHORTEST_PASSWORD = 12
HOURS, DAYS = 1, 30  # that access tokens and refresh tokens are valid


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the tokens, and how people get them; *pool_id* and *url* only of our own."""

    issuer: str = ""
    client_id: str = ""
    audience: str = ""  # of access tokens
    scope: str = ""
    groups_claim: str = ""
    pool_id: str = ""
    url: str = ""  # of the sign-in page


NO_ISSUER = Issuer()


class SignIn(Construct):
    """Who signs in where: `own` is the stack's issuer, `other` the settings'."""

    def __init__(self, scope: Construct, access: Access) -> None:
        super().__init__(scope, "SignIn")
        self.access = access
        self.is_open = equals(scope, "AccessIsOpen", access.mode, AccessMode.OPEN)
        self.is_closed = differs(scope, "AccessIsClosed", access.mode, AccessMode.OPEN)
        self.is_cognito = equals(scope, "AccessIsCognito", access.mode, AccessMode.COGNITO)
        self.is_oidc = equals(scope, "AccessIsOidc", access.mode, AccessMode.OIDC)
        self.own = NO_ISSUER
        self.other = Issuer(
            issuer=access.issuer or "",
            client_id=access.client_id or "",
            audience=access.audience or "",
            scope=access.scope,
            groups_claim=access.groups_claim,
        )

    def has_page(self, service: Service, public_url: str) -> None:
        """Create the user pool with its sign-in page, which leads back to the page at this URL.

        The pool is there in every mode, so that no change of it loses people; unused it is free.
        """
        pool = self._user_pool(service, public_url)
        cognito.CfnUserPoolGroup(
            self,
            "Admins",
            user_pool_id=pool.ref,
            group_name=self.access.admin_group,
            description="May see and change everyone's images",
        )
        if not self.is_cognito.may_hold:
            return
        client = self._client(pool, public_url)
        domain = self._sign_in_page(pool, client)
        self.own = Issuer(
            issuer=f"https://{pool.attr_provider_name}",
            client_id=client.ref,
            audience=client.ref,
            scope=" ".join(SCOPES),
            groups_claim=GROUPS,
            pool_id=pool.ref,
            url=f"https://{domain.ref}.auth.{Aws.REGION}.amazoncognito.com",
        )

    def of_mode(self, fact: Callable[[Issuer], str]) -> str:
        """Return a fact of the mode's issuer, empty in mode open."""
        other, own = fact(self.other), fact(self.own)
        return self.is_cognito.text(own, self.is_oidc.text(other, "") if other else "")

    def of_closed(self, fact: Callable[[Issuer], str]) -> str:
        """Return a fact of the mode's issuer, where the mode is not open."""
        return self.is_cognito.text(fact(self.own), fact(self.other))

    @property
    def anyone(self) -> str:
        """What anyone can do, with commas; nothing if people sign in."""
        scopes = list(self.access.anyone)
        joined = Fn.join(",", scopes) if Token.is_unresolved(scopes) else ",".join(scopes)
        return self.is_open.text(joined, "")

    @property
    def sources(self) -> str:
        """Where the page signs people in, as sources of its Content-Security-Policy."""
        pool = f"https://cognito-idp.{Aws.REGION}.{Aws.URL_SUFFIX}"
        domain = f"https://*.auth.{Aws.REGION}.amazoncognito.com"
        other = self.is_oidc.text(_origin(self.other.issuer), "")
        return self.is_cognito.text(f"{pool} {domain}", other)

    def _user_pool(self, service: Service, public_url: str) -> cognito.CfnUserPool:
        """Return the pool of people, who sign in by e-mail address."""
        invited_only = is_true(self, "AllowsSignUp", self.access.sign_up).either(False, no=True)
        pool = cognito.CfnUserPool(
            self,
            "People",
            user_pool_name=Aws.STACK_NAME,
            username_attributes=["email"],
            username_configuration=cognito.CfnUserPool.UsernameConfigurationProperty(
                case_sensitive=False
            ),
            auto_verified_attributes=["email"],
            user_attribute_update_settings=cognito.CfnUserPool.UserAttributeUpdateSettingsProperty(
                attributes_require_verification_before_update=["email"]
            ),
            account_recovery_setting=cognito.CfnUserPool.AccountRecoverySettingProperty(
                recovery_mechanisms=[
                    cognito.CfnUserPool.RecoveryOptionProperty(name="verified_email", priority=1)
                ]
            ),
            # Length instead of kinds of characters: NIST SP 800-63B, 3.1.1.2.
            policies=cognito.CfnUserPool.PoliciesProperty(
                password_policy=cognito.CfnUserPool.PasswordPolicyProperty(
                    minimum_length=SHORTEST_PASSWORD,
                    require_lowercase=False,
                    require_numbers=False,
                    require_symbols=False,
                    require_uppercase=False,
                    temporary_password_validity_days=7,
                )
            ),
            mfa_configuration="OPTIONAL",
            enabled_mfas=["SOFTWARE_TOKEN_MFA"],
        )
        invitation = {
            "EmailSubject": "Your account for Tintype",
            "EmailMessage": (
                f"You can sign in at {public_url} as {{username}}. Your password for the first time "
                "is {####}, for seven days."
            ),
        }
        config = {"AllowAdminCreateUserOnly": invited_only, "InviteMessageTemplate": invitation}
        pool.add_property_override("AdminCreateUserConfig", config)
        kept = RemovalPolicy.RETAIN if service.keep_data else RemovalPolicy.DESTROY
        pool.apply_removal_policy(kept)
        return pool

    def _client(self, pool: cognito.CfnUserPool, public_url: str) -> cognito.CfnUserPoolClient:
        """Return the public client of the page and the command line: code flow with PKCE."""
        return cognito.CfnUserPoolClient(
            self,
            "Client",
            user_pool_id=pool.ref,
            generate_secret=False,
            supported_identity_providers=["COGNITO"],
            allowed_o_auth_flows_user_pool_client=True,
            allowed_o_auth_flows=["code"],
            allowed_o_auth_scopes=list(SCOPES),
            callback_ur_ls=[f"{public_url}{SIGNED_IN}", COMMAND_LINE],
            logout_ur_ls=[f"{public_url}/"],
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
            access_token_validity=HOURS,
            id_token_validity=HOURS,
            refresh_token_validity=DAYS,
            token_validity_units=cognito.CfnUserPoolClient.TokenValidityUnitsProperty(
                access_token="hours",  # noqa: S106 - a unit
                id_token="hours",  # noqa: S106
                refresh_token="days",  # noqa: S106
            ),
            enable_token_revocation=True,
            prevent_user_existence_errors="ENABLED",
        )

    def _sign_in_page(
        self, pool: cognito.CfnUserPool, client: cognito.CfnUserPoolClient
    ) -> CfnResource:
        """Return the domain of Cognito's managed login, which shows no page without a style."""
        domain = cognito.CfnUserPoolDomain(
            self,
            "Domain",
            user_pool_id=pool.ref,
            domain=unique_name("sign-in"),
            managed_login_version=2,
        )
        style = cognito.CfnManagedLoginBranding(
            self,
            "Style",
            user_pool_id=pool.ref,
            client_id=client.ref,
            use_cognito_provided_values=True,
        )
        style.node.add_dependency(domain)
        for part in (client, domain, style):
            self.is_cognito.decides(part)
        return domain


def _origin(url: str) -> str:
    """Return the origin of a URL, which may be a parameter.

    A source with a path would match this path alone, not what lies below it.
    """
    if not url:
        return ""
    if not Token.is_unresolved(url):
        return "/".join(url.split("/")[:3])
    # An issuer that is not given has no third part; the condition leaves it out.
    parts = Fn.split("/", f"{url}//")
    return Fn.join("//", [Fn.select(0, parts), Fn.select(2, parts)])
