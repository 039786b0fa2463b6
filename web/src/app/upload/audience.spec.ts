import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { Caller } from '../backend/caller';
import { signedInStack, runningStack } from '../state/sample-stack';
import { Audience, AudienceChoice } from './audience';

describe('who may see new pictures', () => {
  afterEach(() => {
    localStorage.clear();
    vi.unstubAllGlobals();
  });

  async function shown(): Promise<ComponentFixture<AudienceChoice>> {
    const fixture = TestBed.createComponent(AudienceChoice);
    TestBed.tick();
    await vi.waitUntil(() => TestBed.inject(Caller).me());
    await fixture.whenStable();
    return fixture;
  }

  const selectIn = (fixture: ComponentFixture<AudienceChoice>): HTMLSelectElement | null =>
    (fixture.nativeElement as HTMLElement).querySelector('select');

  function choose(select: HTMLSelectElement | null, value: string): void {
    if (!select) return;
    select.value = value;
    select.dispatchEvent(new Event('change'));
  }

  it.each(['public', 'private'] as const)('is as the deployment has it: %s', async (visibility) => {
    await signedInStack({ visibility });

    expect(selectIn(await shown())?.value).toBe(visibility);
    expect(TestBed.inject(Audience).requested()).toBe(visibility);
  });

  it('is what somebody chose in this browser, until that is the deployment’s own again', async () => {
    await signedInStack();
    choose(selectIn(await shown()), 'private');
    TestBed.resetTestingModule();
    await signedInStack();
    const select = selectIn(await shown());
    expect(select?.value).toBe('private');

    choose(select, 'public');

    expect(localStorage.getItem('tintype.visibility')).toBeNull();
  });

  it('is not asked where everybody may come in, whatever was kept', async () => {
    localStorage.setItem('tintype.visibility', 'private');
    await runningStack();

    expect(selectIn(await shown())).toBeNull();
    expect(TestBed.inject(Audience).requested()).toBeUndefined();
  });

  it('is not asked of who may not upload', async () => {
    await signedInStack({ me: { owner: 'ada', admin: false, scopes: ['read'] } });

    expect(selectIn(await shown())).toBeNull();
  });
});
