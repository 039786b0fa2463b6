// The life of the live connection as a plain function: `step(state, event)` is the next state and what to do.
// Subscribe first, then read; while there is no socket, poll with back-off and say so.

/** What the badge says. `live` only once everything that was missed has been read. */
export type LinkState = 'live' | 'connecting' | 'polling' | 'offline';

export interface State {
  /** What the browser says of its network. */
  readonly network: 'up' | 'down';
  readonly socket: 'closed' | 'opening' | 'open';
  /** Whether all was read since the socket opened. */
  readonly caughtUp: boolean;
  /** Attempts at the socket since it was last open; 0 before the first has failed. */
  readonly failures: number;
  readonly polling: boolean;
  /** Polls in a row that brought nothing new. */
  readonly quiet: number;
  /** Whether the last poll was answered. */
  readonly reachable: boolean;
}

export type Event =
  | 'start'
  | 'ready' // the subscription stands
  | 'down' // the socket broke, or could not be opened
  | 'open-due'
  | 'read-due'
  | 'poll-due'
  | 'late-due'
  | 'read-done'
  | 'read-failed'
  | 'poll-brought-news'
  | 'poll-brought-nothing'
  | 'poll-failed'
  | 'network-up'
  | 'network-down'
  | 'reconcile' // timers may have slept, such as in a hidden tab: read, to be sure
  | 'pollSoon'; // something was set off: news is near

export type Timer = 'open' | 'read' | 'poll' | 'late';

export type Effect =
  | { readonly do: 'open' | 'close' | 'read' | 'poll' }
  | { readonly do: 'wait'; readonly for: Timer; readonly ms: number }
  | { readonly do: 'cancel'; readonly timers: readonly Timer[] };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const INITIAL: State = {
  network: 'up',
  socket: 'closed',
  caughtUp: false,
  failures: 0,
  polling: false,
  quiet: 0,
  reachable: true,
};

const FIRST_MS = 1_000;
const LONGEST_MS = 15_000;
const LATE_MS = 4_000; // the socket has fifteen seconds before it gives up
const ALL_TIMERS: readonly Timer[] = ['open', 'read', 'poll', 'late'];

/** Milliseconds before try number *tries*, counted from 0: 1, 2, 4, 8, 15, 15... seconds. */
export function backOff(tries: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
}

/** What the badge says of a state. */
export function linkOf(state: State): LinkState {
  if (state.network === 'down') return 'offline';
  if (state.socket === 'open' && state.caughtUp) return 'live';
  if (!state.reachable) return 'offline';
  return state.failures > 0 ? 'polling' : 'connecting';
}

export function step(state: State, event: Event): Step {
  return state.network === 'down' && event !== 'network-up' ? stay(state) : STEPS[event](state);
}

const STEPS: Readonly<Record<Event, (state: State) => Step>> = {
  start: open,
  'open-due': open,
  ready: (state) => ({
    state: { ...state, socket: 'open', caughtUp: false, quiet: 0 },
    effects: [{ do: 'cancel', timers: ['open', 'late'] }, { do: 'read' }],
  }),
  down,
  'read-due': (state) => (state.socket === 'open' ? effects(state, { do: 'read' }) : stay(state)),
  'read-done': caughtUp,
  'read-failed': (state) => {
    const quiet = state.quiet + 1;
    return {
      state: { ...state, quiet, caughtUp: false, reachable: false },
      effects: [{ do: 'wait', for: 'read', ms: backOff(state.quiet) }],
    };
  },
  'poll-due': (state) => (state.polling ? effects(state, { do: 'poll' }) : stay(state)),
  'late-due': (state) => {
    if (state.socket !== 'opening') return stay(state);
    return poll({ ...state, failures: Math.max(1, state.failures) }, []);
  },
  'poll-brought-news': (state) => polled({ ...state, quiet: 0, reachable: true }),
  'poll-brought-nothing': (state) => polled({ ...state, quiet: state.quiet + 1, reachable: true }),
  'poll-failed': (state) => polled({ ...state, quiet: state.quiet + 1, reachable: false }),
  'network-up': (state) => {
    const opened = open({ ...state, network: 'up', socket: 'closed', quiet: 0, reachable: true });
    return poll(opened.state, opened.effects);
  },
  'network-down': (state) => ({
    state: { ...state, network: 'down', socket: 'closed', caughtUp: false, polling: false },
    effects: [{ do: 'close' }, { do: 'cancel', timers: ALL_TIMERS }],
  }),
  reconcile: (state) => {
    if (state.socket === 'open') return effects(state, { do: 'read' });
    return state.polling ? effects({ ...state, quiet: 0 }, soon('poll')) : stay(state);
  },
  // While nothing was quiet yet, the next poll is near, and many of these must not put it off.
  pollSoon: (state) => {
    if (!state.polling || state.quiet === 0) return stay(state);
    return effects({ ...state, quiet: 0 }, soon('poll'));
  },
};

function open(state: State): Step {
  if (state.socket !== 'closed') return stay(state);
  const late: Effect = { do: 'wait', for: 'late', ms: LATE_MS };
  return effects({ ...state, socket: 'opening' }, { do: 'open' }, late);
}

function down(state: State): Step {
  if (state.socket === 'closed') return stay(state);
  const failures = state.socket === 'open' && state.caughtUp ? 1 : state.failures + 1;
  const closed: State = { ...state, socket: 'closed', caughtUp: false, failures };
  const waiting: readonly Effect[] = [
    { do: 'close' },
    { do: 'cancel', timers: ['read', 'late'] },
    { do: 'wait', for: 'open', ms: backOff(failures - 1) },
  ];
  return poll(closed, waiting);
}

/** Begins to poll, unless that is under way. */
function poll(state: State, before: readonly Effect[]): Step {
  if (state.polling) return { state, effects: before };
  return { state: { ...state, polling: true, quiet: 0 }, effects: [...before, { do: 'poll' }] };
}

function polled(state: State): Step {
  if (!state.polling) return stay(state);
  return effects(state, { do: 'wait', for: 'poll', ms: backOff(state.quiet) });
}

function caughtUp(state: State): Step {
  if (state.socket !== 'open') return stay(state);
  return {
    state: { ...state, caughtUp: true, failures: 0, polling: false, quiet: 0, reachable: true },
    effects: [{ do: 'cancel', timers: ALL_TIMERS }],
  };
}

function soon(timer: Timer): Effect {
  return { do: 'wait', for: timer, ms: FIRST_MS };
}

function effects(state: State, ...list: readonly Effect[]): Step {
  return { state, effects: list };
}

function stay(state: State): Step {
  return { state, effects: [] };
}
