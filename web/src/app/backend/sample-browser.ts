// A browser for tests: where it is, where it was sent, and its tabs, which share one storage.
import { TestBed } from '@angular/core/testing';
import { Issuer } from './sample-issuer';
import { Session } from './session';

export class SampleBrowser {
  readonly issuer = new Issuer();
  /** Where pages have sent it. */
  readonly assigned: string[] = [];
  reloaded = 0;

  constructor() {
    localStorage.clear();
    sessionStorage.clear();
    vi.stubGlobal('isSecureContext', true);
    this.at('/images/01A');
  }

  /** Goes to an address. */
  at(pathname: string, search = ''): void {
    vi.stubGlobal('location', {
      origin: 'https://page.example',
      pathname,
      search,
      assign: (url: string) => this.assigned.push(url),
      reload: () => (this.reloaded += 1),
    });
  }

  /** Opens the page in another tab, or again. */
  tab(): Session {
    return TestBed.runInInjectionContext(() => new Session());
  }

  /** Signs in by the issuer's page, and returns the session that comes of it. */
  async signedIn(back = '/images/01A'): Promise<Session> {
    await this.tab().signIn(back);
    this.at('/signed-in', this.issuer.signIn(this.assigned.at(-1) ?? ''));
    const session = this.tab();
    session.arrive();
    this.at('/');
    await session.begin();
    return session;
  }
}
