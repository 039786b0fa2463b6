// What is shown at which address. All pages come with the first scripts: as chunks of their own they would
// save a tenth of these, and cost another way to the server and back before anything is seen.
import { inject } from '@angular/core';
import type { Route, Routes } from '@angular/router';
import { Session } from './backend/session';
import { Gallery } from './gallery/gallery';
import { ImagePage } from './image/image-page';
import { KeysPage } from './keys/keys-page';
import { SignedIn } from './shell/signed-in';

/** Only where one signs in. */
const signedIn: Pick<Route, 'canMatch'> = {
  canMatch: [() => inject(Session).state().state !== 'open'],
};

export const routes: Routes = [
  {
    path: '',
    pathMatch: 'full',
    title: 'Tintype',
    component: Gallery,
  },
  {
    path: 'images/:id',
    title: 'Image · Tintype',
    component: ImagePage,
  },
  {
    ...signedIn,
    path: 'keys',
    title: 'API keys · Tintype',
    component: KeysPage,
  },
  ...['sign-in', 'signed-in'].map((path) => ({
    ...signedIn,
    path,
    title: 'Signed in · Tintype',
    component: SignedIn,
  })),
  {
    path: '**',
    title: 'Not found · Tintype',
    loadComponent: () => import('./shell/not-found').then((m) => m.NotFound),
  },
];
