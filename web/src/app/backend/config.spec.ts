import { parseConfig } from './config';

const WHOLE = {
  apiUrl: 'https://x.org/api/',
  graphqlUrl: 'https://y.org/graphql',
  realtimeUrl: 'wss://y.org/graphql/realtime',
  apiKey: 'da2-x',
};

describe('config.json', () => {
  it('is read, and the limit for uploads has a default', () => {
    expect(parseConfig(JSON.stringify(WHOLE))).toEqual({
      state: 'loaded',
      config: {
        apiUrl: 'https://x.org/api',
        graphqlUrl: 'https://y.org/graphql',
        apiKey: 'da2-x',
        realtimeUrl: 'wss://y.org/graphql/realtime',
        accessMode: 'open',
        signIn: { issuer: '', clientId: '', url: '', scope: '', audience: '' },
        anyone: ['read', 'upload', 'delete', 'admin'],
        access: '',
        originalsReadable: false,
        maxBytes: 50_000_000,
        visibility: 'public',
        delivery: null,
      },
    });
  });

  it.each([
    ['true', true],
    ['false', false],
    [true, false],
  ])('says whether originals may be read: %j', (said, readable) => {
    const found = parseConfig(JSON.stringify({ ...WHOLE, originalsReadable: said }));

    expect(found.state === 'loaded' && found.config.originalsReadable).toBe(readable);
  });

  it('says what everybody may do, and that is nothing it does not know', () => {
    const found = parseConfig(JSON.stringify({ ...WHOLE, anyone: 'upload, read,fly' }));

    expect(found.state === 'loaded' && found.config.anyone).toEqual(['read', 'upload']);
  });

  const SIGN_IN = {
    issuer: 'https://i.org',
    clientId: 'c',
    url: 'https://s.org/',
    scope: 'openid',
  };

  it('needs no API key where one signs in', () => {
    const found = parseConfig(
      JSON.stringify({ ...WHOLE, apiKey: '', accessMode: 'cognito', signIn: SIGN_IN }),
    );

    expect(found.state === 'loaded' && found.config.signIn.url).toBe('https://s.org');
  });

  it.each([
    ['open', 'apiKey'],
    ['cognito', 'signIn.issuer, signIn.clientId, signIn.url, signIn.scope'],
    ['oidc', 'signIn.issuer, signIn.clientId, signIn.scope'],
  ])('says what it lacks for signing in: %s', (accessMode, lacking) => {
    const found = parseConfig(JSON.stringify({ ...WHOLE, apiKey: '', accessMode, signIn: 7 }));

    expect(found).toEqual({ state: 'missing', reason: `/config.json is missing ${lacking}` });
  });

  it('says all that it lacks at once', () => {
    const found = parseConfig(JSON.stringify({ apiUrl: 'https://x.org/api', apiKey: 7 }));

    expect(found).toEqual({
      state: 'missing',
      reason: '/config.json is missing graphqlUrl, realtimeUrl, apiKey',
    });
  });

  it.each(['', '<!doctype html>', 'null', '[]', '"text"'])('is missing if it is %j', (text) =>
    expect(parseConfig(text).state).toBe('missing'),
  );

  it('knows which widths are open without a signature', () => {
    const rules = (delivery?: object): unknown => {
      const found = parseConfig(JSON.stringify({ ...WHOLE, delivery }));
      return found.state === 'loaded' && found.config.delivery;
    };
    expect(rules({ unsigned: 'grid', widths: '320,640' })).toEqual({ widths: [320, 640] });
    expect(rules({ unsigned: 'presets', widths: '320,640' })).toEqual({ widths: [] });
    expect(rules()).toBeNull();
  });
});
