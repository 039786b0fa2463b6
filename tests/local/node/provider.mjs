// An OpenID provider that nobody here wrote, on loopback: `node provider.mjs SETTINGS`, a JSON text with
// `port`, `jwks` (private), `client`, `redirects`, `audience` and `admins`. Whoever gives a name is signed in.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const settings = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${settings.port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: settings.client,
      application_type: 'native', // else it wants https
      token_endpoint_auth_method: 'none',
      redirect_uris: settings.redirects,
      post_logout_redirect_uris: [new URL('/', settings.redirects[0]).href],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  jwks: settings.jwks,
  cookies: { keys: ['not secret'] },
  clientBasedCORS: (_context, origin) => origin === new URL(settings.redirects[0]).origin,
  pkce: { required: () => true },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: (_context, token) =>
    settings.admins.includes(token.accountId) ? { groups: ['admin', 'editors'] } : { groups: ['editors'] },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => settings.audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid',
        audience: settings.audience,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

createServer(provider.callback()).listen(settings.port, '127.0.0.1', () => console.log('listening'));
