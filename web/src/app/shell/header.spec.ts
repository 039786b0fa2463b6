import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { Session } from '../backend/session';
import { Deletions } from '../shared/deletions';
import { example } from '../state/examples';
import { type Stack, runningStack, signedInStack } from '../state/sample-stack';
import { Header } from './header';

describe('the header', () => {
  beforeEach(() => {
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn() }));
    vi.stubGlobal('location', { origin: 'https://page.example', assign: vi.fn() });
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
  });

  afterEach(() => {
    localStorage.clear();
    vi.unstubAllGlobals();
  });

  async function buttons(): Promise<readonly string[]> {
    const fixture = TestBed.createComponent(Header);
    await fixture.whenStable();
    const all = (fixture.nativeElement as HTMLElement).querySelectorAll('button');
    return [...all].map((one) => one.textContent.replace(/\s+/g, ' ').trim());
  }

  const THEME = 'Switch to dark';
  const UPLOADS = ['Take a picture', 'Add a folder', 'Add pictures'];

  it.each<readonly [Partial<Stack>, readonly string[]]>([
    [{}, [THEME, ...UPLOADS]],
    [{ anyone: 'read' }, [THEME]],
  ])('has the buttons for what everybody may do: %j', async (changes, expected) => {
    await runningStack(changes);

    expect(await buttons()).toEqual(expected);
  });

  it('says who is signed in, and lets that person out', async () => {
    await signedInStack();
    const found = await buttons();

    expect(found).toContain('Account: ada@example.com');
    expect(found).toContain('Sign out');
  });

  it('deletes what may still be undone before it lets a person out', async () => {
    const stack = await signedInStack();
    stack.put(example({ id: '01A' }));
    const fixture = TestBed.createComponent(Header);
    await fixture.whenStable();
    TestBed.inject(Deletions).delete({ id: '01A', filename: '01A.jpg' });
    const all = [...(fixture.nativeElement as HTMLElement).querySelectorAll('button')];
    all.find((one) => one.textContent.trim() === 'Sign out')?.click();

    await vi.waitFor(() => expect(stack.images.size).toBe(0));
    expect(TestBed.inject(Session).state().state).toBe('out');
  });

  it('says how much of what one may have one has, as it is when one looks', async () => {
    const stack = await signedInStack();
    const fixture = TestBed.createComponent(Header);
    await fixture.whenStable();
    const account = (fixture.nativeElement as HTMLElement).querySelector('#account');
    expect(account?.querySelector('[role=progressbar]')).toBeNull();
    const used = { images: 1204, bytes: 3_100_000_000 };
    stack.me = { ...stack.me, used, limits: { images: 5000, bytes: 10_000_000_000 } };

    account?.dispatchEvent(new Event('toggle'));
    await vi.waitFor(() => expect(account?.textContent).toContain('1,204 of 5,000 images'));

    expect(account?.textContent).toContain('3.1 of 10 GB');
    const bars = [...(account?.querySelectorAll('[role=progressbar]') ?? [])];
    expect(bars.map((one) => one.getAttribute('aria-valuenow'))).toEqual(['24', '31']);
  });

  it('has no bar for what is not limited', async () => {
    const used = { images: 3, bytes: 9 };
    const me = { owner: 'ada', admin: false, scopes: [], used, limits: { images: 2, bytes: 0 } };
    await signedInStack({ me });
    const fixture = TestBed.createComponent(Header);
    await vi.waitFor(() => {
      TestBed.tick();
      const bars = (fixture.nativeElement as HTMLElement).querySelectorAll('[role=progressbar]');
      expect([...bars].map((one) => one.getAttribute('aria-label'))).toEqual(['3 of 2 images']);
    });
  });

  it('has nothing of a session that has ended', async () => {
    await signedInStack();
    await TestBed.inject(Session).signOut();

    expect(await buttons()).toEqual([THEME]);
  });
});
