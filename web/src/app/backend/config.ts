// Where the stack is: /config.json, which the deployment writes beside the page.
import { Injectable, signal } from '@angular/core';

export interface Config {
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly apiKey: string;
  readonly realtimeUrl: string;
  /** What everybody may do who knows the stack's address; empty where nobody may. */
  readonly access: string;
  /** Whether the stack gives out links to originals. */
  readonly originalsReadable: boolean;
  /** The largest original that the stack takes. */
  readonly maxBytes: number;
}

export type ConfigState =
  | { readonly state: 'loading' }
  | { readonly state: 'loaded'; readonly config: Config }
  | { readonly state: 'missing'; readonly reason: string };

const ADDRESS = '/config.json';
const DEFAULT_MAX_BYTES = 50_000_000; // tintype.toml's, for a config.json that does not say
const SECONDS = 10;

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
  const values = new Map<string, unknown>(Object.entries(plain ?? {}));
  const word = (name: string): string => {
    const value = values.get(name);
    return typeof value === 'string' ? value : '';
  };
  const required = ['apiUrl', 'graphqlUrl', 'realtimeUrl', 'apiKey'] as const;
  const lacking = required.filter((name) => !word(name));
  if (lacking.length > 0) {
    return { state: 'missing', reason: `${ADDRESS} is missing ${lacking.join(', ')}` };
  }
  const maxBytes = values.get('maxBytes');
  return {
    state: 'loaded',
    config: {
      apiUrl: word('apiUrl').replace(/\/$/, ''),
      graphqlUrl: word('graphqlUrl'),
      apiKey: word('apiKey'),
      realtimeUrl: word('realtimeUrl'),
      access: word('access'),
      originalsReadable: word('originalsReadable') === 'true',
      maxBytes: typeof maxBytes === 'number' ? maxBytes : DEFAULT_MAX_BYTES,
    },
  };
}
