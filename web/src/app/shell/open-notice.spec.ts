import { TestBed } from '@angular/core/testing';
import { type Config, Configuration } from '../backend/config';
import { OpenNotice, isThisMachine } from './open-notice';

describe('the notice of a stack that is open to everybody', () => {
  function textAt(hostname: string, access: string, changes: Partial<Config> = {}): string {
    vi.stubGlobal('location', { hostname });
    const open = { accessMode: 'open', originalsReadable: false, anyone: ['read', 'upload'] };
    const values = { ...open, access, ...changes };
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
    expect(text).toContain('Anyone who knows this address can see and upload images.');
  });

  it.each<readonly [Config['anyone'], string]>([
    [['read'], 'can see images'],
    [['read', 'upload', 'delete'], 'can see, upload and delete images'],
    [['admin'], 'can see, upload and delete images'],
  ])('says it of %s', (anyone, words) => {
    expect(textAt('d111.cloudfront.net', 'open', { anyone })).toContain(words);
  });

  it('is not there where one signs in', () => {
    expect(textAt('d111.cloudfront.net', 'open', { accessMode: 'cognito' })).toBe('');
  });

  it('says that originals can be had where they can', () => {
    expect(textAt('d111.cloudfront.net', 'open', { originalsReadable: true })).toContain(
      'download the originals',
    );
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
