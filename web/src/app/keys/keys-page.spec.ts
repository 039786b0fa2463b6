import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { Caller } from '../backend/caller';
import { type Stack, signedInStack } from '../state/sample-stack';
import { KeysPage } from './keys-page';

describe('the page of the API keys', () => {
  let stack: Stack;
  let page: ComponentFixture<KeysPage>;

  beforeEach(async () => {
    stack = await signedInStack();
    const caller = TestBed.inject(Caller);
    TestBed.tick();
    await vi.waitUntil(() => caller.me());
    const scopes = ['read'] as const;
    const old = { id: 'old', key: 'tint_old_secret', name: 'Old', scopes };
    stack.keys.set('old', { ...old, createdAt: '2026-11-01T10:00:00Z' });
    page = TestBed.createComponent(KeysPage);
    document.body.append(element());
    await settled();
    stack.requests.length = 0;
  });

  afterEach(() => {
    localStorage.clear();
    vi.unstubAllGlobals();
  });

  function element(): HTMLElement {
    return page.nativeElement as HTMLElement;
  }

  async function settled(): Promise<void> {
    await page.whenStable();
    await new Promise((resolve) => setTimeout(resolve));
    await page.whenStable();
  }

  async function press(name: string): Promise<void> {
    const all = [...element().querySelectorAll('button')];
    const named = (one: Element): string =>
      one.getAttribute('aria-label') ?? one.textContent.trim();
    all.find((one) => named(one) === name)?.click();
    await settled();
  }

  async function fill(selector: string, text: string): Promise<void> {
    const field = element().querySelector<HTMLInputElement>(selector);
    if (!field) throw new Error(selector);
    field.value = text;
    field.dispatchEvent(new Event('input'));
    await settled();
  }

  it('lists them, and never with a secret', () => {
    expect(element().querySelector('tbody')?.textContent).toContain('Old');
    expect(element().textContent).not.toContain('secret');
  });

  it('shows a new one once', async () => {
    await fill('#key-name', ' CI ');
    await press('Make a key');

    expect(element().querySelector('.key-text')?.textContent).toBe('tint_key2_secret');
    expect(document.activeElement?.id).toBe('key-made-title');
    expect(stack.keys.get('key2')).toMatchObject({ name: 'CI', scopes: ['read', 'upload'] });
    await press('Done');

    expect(element().textContent).not.toContain('secret');
    expect(element().querySelectorAll('tbody tr').length).toBe(2);
  });

  it('makes one with the scopes that are ticked, until the end of a day', async () => {
    await fill('#key-name', 'CI');
    await fill('#key-expires', '2999-12-31');
    for (const box of element().querySelectorAll<HTMLInputElement>('[type=checkbox]')) box.click();
    await press('Make a key');

    expect(stack.keys.get('key2')).toMatchObject({
      scopes: ['delete'],
      expiresAt: new Date(2999, 11, 31, 23, 59, 59).toISOString(),
    });
  });

  it('offers no scope that one has not, and makes no key without any', async () => {
    const boxes = [...element().querySelectorAll<HTMLInputElement>('[type=checkbox]')];
    expect(boxes.length).toBe(3);
    for (const box of boxes) if (box.checked) box.click();
    await fill('#key-name', 'CI');
    await press('Make a key');

    expect(stack.requests).toEqual([]);
  });

  it('revokes one after a second press, and none that is kept', async () => {
    await press('Revoke Old');
    expect(document.activeElement?.textContent.trim()).toBe('Revoke for good');
    await press('Keep Old');
    expect(stack.keys.has('old')).toBe(true);

    await press('Revoke Old');
    await press('Revoke Old for good');

    expect(stack.keys.has('old')).toBe(false);
    expect(element().textContent).toContain('There are none.');
    expect(document.activeElement?.tagName).toBe('H1');
  });

  it('says why one was not made, and keeps what was typed', async () => {
    stack.unanswered.add('POST /api/keys');
    await fill('#key-name', 'CI');
    await press('Make a key');

    expect(element().querySelector('[role=alert]')?.textContent.trim()).toBe(
      'The key was not made: the API cannot be reached.',
    );
    expect(element().querySelector<HTMLInputElement>('#key-name')?.value).toBe('CI');
  });
});
