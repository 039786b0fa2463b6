import { TestBed } from '@angular/core/testing';
import { Configuration } from '../backend/config';
import { OpenNotice, isThisMachine } from './open-notice';

describe('the notice of a stack that is open to everybody', () => {
  function textAt(hostname: string, access: string, originalsReadable = false): string {
    vi.stubGlobal('location', { hostname });
    const values = { access, originalsReadable };
    TestBed.configureTestingModule({
      providers: [{ provide: Configuration, useValue: { values } }],
    });
    const fixture = TestBed.createComponent(OpenNotice);
    fixture.detectChanges();
    return (fixture.nativeElement as HTMLElement).textContent.replace(/\s+/g, ' ').trim();
  }

  afterEach(() => vi.unstubAllGlobals());

  it('says what everybody can do', () => {
    const text = textAt('d111.cloudfront.net', 'open');
    expect(text).toContain('Anyone who knows this address can see, upload and delete images.');
  });

  it('says that originals can be had where they can', () => {
    expect(textAt('d111.cloudfront.net', 'open', true)).toContain('download the originals');
  });

  it('is not there on this machine, nor where nobody may do anything unasked', () => {
    expect(textAt('localhost', 'open')).toBe('');
    TestBed.resetTestingModule();
    expect(textAt('d111.cloudfront.net', '')).toBe('');
  });

  it.each([
    ['localhost', true],
    ['cdn.localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['localhost.example.com', false],
    ['d111.cloudfront.net', false],
    ['192.168.1.4', false],
  ])('takes %s for this machine: %j', (host, own) => {
    expect(isThisMachine(host)).toBe(own);
  });
});
