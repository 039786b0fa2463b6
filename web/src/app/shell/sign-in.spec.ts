import { signal } from '@angular/core';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { Session, type SessionState } from '../backend/session';
import { SignIn, backFrom } from './sign-in';

describe('the screen for signing in', () => {
  const state = signal<SessionState>({ state: 'out', note: '', again: false });
  const session = { state, signIn: vi.fn(async () => true), beginAgain: vi.fn() };

  beforeEach(() => {
    state.set({ state: 'out', note: '', again: false });
    TestBed.configureTestingModule({
      providers: [provideRouter([]), { provide: Session, useValue: session }],
    });
  });

  afterEach(() => {
    vi.clearAllMocks();
    vi.unstubAllGlobals();
  });

  function shown(): ComponentFixture<SignIn> {
    const fixture = TestBed.createComponent(SignIn);
    fixture.detectChanges();
    return fixture;
  }

  function button(fixture: ComponentFixture<SignIn>): HTMLButtonElement | null {
    return (fixture.nativeElement as HTMLElement).querySelector('button');
  }

  it('has one button, which leads to the sign-in page and back', () => {
    button(shown())?.click();

    expect(session.signIn.mock.calls).toEqual([['/']]);
  });

  it('says what has happened, and does not leave by itself', () => {
    vi.stubGlobal('location', { pathname: '/signed-in' });
    state.set({ state: 'out', note: 'You have signed out.', again: false });

    expect((shown().nativeElement as HTMLElement).textContent).toContain('You have signed out.');
    expect(session.signIn).not.toHaveBeenCalled();
  });

  it('leaves by itself in a window that was opened for signing in', () => {
    vi.stubGlobal('location', { pathname: '/sign-in' });
    state.set({ state: 'out', note: 'Your session has ended.', again: false });
    const fixture = shown();

    expect(session.signIn).toHaveBeenCalledOnce();
    expect(button(fixture)?.disabled).toBe(true);
  });

  it('tries again where only the network was in the way', () => {
    vi.stubGlobal('location', { pathname: '/sign-in' });
    state.set({ state: 'out', note: 'No answer.', again: true });
    const fixture = shown();
    expect(button(fixture)?.textContent.trim()).toBe('Try again');

    button(fixture)?.click();

    expect(session.beginAgain).toHaveBeenCalledOnce();
    expect(session.signIn).not.toHaveBeenCalled();
  });

  it.each([
    ['/images/01A', '/images/01A'],
    ['/sign-in', '/signed-in'],
    ['/signed-in', '/'],
  ])('leads from %s back to %s', (from, back) => expect(backFrom(from)).toBe(back));
});
