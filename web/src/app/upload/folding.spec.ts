import { type Folding, type FoldingEvent, UNTOUCHED, fold, isOpen, phaseOf } from './folding';
import { summarise, type Stage } from './queue';

const BEGAN: FoldingEvent = { type: 'began' };
const FAILED: FoldingEvent = { type: 'failed' };
const RESTED: FoldingEvent = { type: 'rested' };
const CLOSED: FoldingEvent = { type: 'toggled', open: true };
const OPENED: FoldingEvent = { type: 'toggled', open: false };
const after = (...events: readonly FoldingEvent[]): Folding => events.reduce(fold, UNTOUCHED);

describe('the tray', () => {
  it('opens by itself where there is room, and nowhere else', () => {
    expect(isOpen(after(BEGAN), true)).toBe(true);
    expect(isOpen(after(BEGAN), false)).toBe(false);
    expect(isOpen(after(BEGAN, FAILED), false)).toBe(false);
  });

  it('closes when all is well, and opens for the next pictures', () => {
    expect(isOpen(after(BEGAN, RESTED), true)).toBe(false);
    expect(isOpen(after(BEGAN, RESTED, BEGAN), true)).toBe(true);
  });

  it('stays as somebody wants it, wherever one goes', () => {
    expect(isOpen(after(BEGAN, CLOSED), true)).toBe(false);
    expect(isOpen(after(BEGAN, CLOSED, BEGAN), true)).toBe(false);
    expect(isOpen(after(BEGAN, OPENED), false)).toBe(true);
    expect(isOpen(after(BEGAN, RESTED, OPENED), false)).toBe(true);
  });

  it('closes when all is well, though somebody had opened it', () => {
    expect(isOpen(after(BEGAN, OPENED, RESTED), true)).toBe(false);
  });

  it('shows a failure to who had closed it, and stays open for who had opened it', () => {
    expect(isOpen(after(BEGAN, CLOSED, FAILED), true)).toBe(true);
    expect(isOpen(after(BEGAN, OPENED, FAILED), false)).toBe(true);
  });

  it('forgets what somebody wanted once it is empty', () => {
    expect(after(BEGAN, CLOSED, { type: 'emptied' })).toEqual(UNTOUCHED);
  });
});

describe('the uploads', () => {
  const phase = (...stages: readonly Stage[]): string =>
    phaseOf(summarise(stages.map((stage, key) => ({ key, name: `${key}.jpg`, size: 1, stage }))));
  const READY: Stage = { at: 'ready', imageId: '01A' };
  const CANCELLED: Stage = { at: 'cancelled', contentType: 'image/jpeg' };
  const REFUSED: Stage = { at: 'refused', trouble: { code: 'not_an_image', message: 'empty' } };

  it('are busy while one is, failed if one has, and well even if one was cancelled', () => {
    expect(phase()).toBe('empty');
    expect(phase(REFUSED, { at: 'processing', imageId: '01B', above: 0 })).toBe('busy');
    expect(phase(READY, REFUSED)).toBe('failed');
    expect(phase(READY, CANCELLED)).toBe('well');
  });
});
