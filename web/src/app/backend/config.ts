// Where the stack is: /config.json, which the deployment writes beside the page.
import { Injectable, signal } from '@angular/core';
import { type AccessMode, SCOPES, type Scope, type Visibility } from './models';

/** Where and as what application one signs in. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  /** Of Cognito's pages for signing in; empty for another issuer, which says itself where its own are. */
  readonly url: string;
  readonly scope: string;
  /** For whom the access token is; empty where the client's ID says so. */
  readonly audience: string;
}

/** What the addresses of any size are like that are open without a signature. */
export interface DeliveryRules {
  /** The widths that one may ask for, in pixels, ascending; none where only presets are open, or nothing is. */
  readonly widths: readonly number[];
}

export interface Config {
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /** Empty unless the stack is open. */
  readonly apiKey: string;
  readonly realtimeUrl: string;
  /** Whether everybody may come in, or who signs in with the stack's own users or those of an issuer. */
  readonly accessMode: AccessMode;
  /** Its values are empty where the stack is open. */
  readonly signIn: SignIn;
  /** What everybody may do while the stack is open. */
  readonly anyone: readonly Scope[];
  /** What everybody may do who knows the stack's address; empty where nobody may. */
  readonly access: string;
  /** Whether an open stack gives out links to originals; where one signs in, their owner always gets them. */
  readonly originalsReadable: boolean;
  /** The largest original that the stack takes. */
  readonly maxBytes: number;
  /** Who may see an image of which the upload does not say it. */
  readonly visibility: Visibility;
  /** Null for a stack from before there were addresses of any size. */
  readonly delivery: DeliveryRules | null;
}

export type ConfigState =
  | { readonly state: 'loading' }
  | { readonly state: 'loaded'; readonly config: Config }
  | { readonly state: 'missing'; readonly reason: string };

const ADDRESS = '/config.json';
const DEFAULT_MAX_BYTES = 50_000_000; // tintype.toml's, for a config.json that does not say
const SECONDS = 10;
const NEEDED: Readonly<Record<AccessMode, readonly (keyof SignIn)[]>> = {
  open: [],
  cognito: ['issuer', 'clientId', 'url', 'scope'],
  oidc: ['issuer', 'clientId', 'scope'],
};

@Injectable({ providedIn: 'root' })
export class Configuration {
  private readonly current = signal<ConfigState>({ state: 'loading' });
  readonly state = this.current.asReadonly();

  /** Reads the file once, at the start; never throws: what is wrong is in `state`. */
  async load(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(SECONDS * 1000);
      const answer = await fetch(ADDRESS, { signal });
      this.current.set(await read(answer));
    } catch (error) {
      this.current.set({ state: 'missing', reason: String(error) });
    }
  }

  /** For what only runs once it is loaded. */
  get values(): Config {
    const now = this.current();
    if (now.state !== 'loaded') throw new Error(`${ADDRESS} is ${now.state}`);
    return now.config;
  }
}

async function read(answer: Response): Promise<ConfigState> {
  if (!answer.ok) return { state: 'missing', reason: `${ADDRESS}: HTTP ${answer.status}` };
  const text = await answer.text();
  return parseConfig(text);
}

/** Returns what the text of config.json says, or what it lacks. */
export function parseConfig(text: string): ConfigState {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
  } catch {
    return { state: 'missing', reason: `${ADDRESS} is not JSON` };
  }
  const word = wordsOf(plain);
  const signIn = wordsOf(valueOf(plain, 'signIn'));
  const accessMode = modeOf(word('accessMode'));
  const lacking = [
    ...['apiUrl', 'graphqlUrl', 'realtimeUrl', ...(accessMode === 'open' ? ['apiKey'] : [])].filter(
      (name) => !word(name),
    ),
    ...NEEDED[accessMode].filter((name) => !signIn(name)).map((name) => `signIn.${name}`),
  ];
  if (lacking.length > 0) {
    return { state: 'missing', reason: `${ADDRESS} is missing ${lacking.join(', ')}` };
  }
  const maxBytes = valueOf(plain, 'maxBytes');
  return {
    state: 'loaded',
    config: {
      apiUrl: word('apiUrl').replace(/\/$/, ''),
      graphqlUrl: word('graphqlUrl'),
      apiKey: word('apiKey'),
      realtimeUrl: word('realtimeUrl'),
      accessMode,
      signIn: {
        issuer: signIn('issuer'),
        clientId: signIn('clientId'),
        url: signIn('url').replace(/\/$/, ''),
        scope: signIn('scope'),
        audience: signIn('audience'),
      },
      anyone: scopesOf(valueOf(plain, 'anyone')),
      access: word('access'),
      originalsReadable: word('originalsReadable') === 'true',
      maxBytes: typeof maxBytes === 'number' ? maxBytes : DEFAULT_MAX_BYTES,
      visibility: word('visibility') === 'private' ? 'private' : 'public',
      delivery: deliveryOf(valueOf(plain, 'delivery')),
    },
  };
}

function valueOf(plain: unknown, name: string): unknown {
  return new Map<string, unknown>(Object.entries(plain ?? {})).get(name);
}

/** Returns a function that gives the text of a name; '' where there is none. */
function wordsOf(plain: unknown): (name: string) => string {
  return (name) => {
    const value = valueOf(plain, name);
    return typeof value === 'string' ? value : '';
  };
}

/** Returns the mode; a stack from before there was sign-in does not say one, and is open. */
function modeOf(text: string): AccessMode {
  return text === 'cognito' || text === 'oidc' ? text : 'open';
}

function deliveryOf(plain: unknown): DeliveryRules | null {
  const word = wordsOf(plain);
  const unsigned = word('unsigned');
  if (!unsigned) return null;
  const widths = word('widths').split(',').map(Number);
  return { widths: unsigned === 'grid' ? widths.filter((one) => one > 0) : [] };
}

/** Returns the scopes of a comma list; all of them for a stack from before there was one. */
function scopesOf(value: unknown): readonly Scope[] {
  if (typeof value !== 'string') return SCOPES;
  const words = value.split(',').map((word) => word.trim());
  return SCOPES.filter((scope) => words.includes(scope));
}
