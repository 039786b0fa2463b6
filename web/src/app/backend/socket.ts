// The GraphQL subscription by Apollo and AWS's own links. Only `live.ts` imports this, lazily.
import { type EnvironmentInjector, createEnvironmentInjector } from '@angular/core';
import { type ApolloClient, ApolloLink, InMemoryCache, gql } from '@apollo/client';
import { Apollo, provideApollo } from 'apollo-angular';
import { AUTH_TYPE, type AuthOptions, createAuthLink } from 'aws-appsync-auth-link';
import { CONTROL_EVENTS_KEY, createSubscriptionHandshakeLink } from 'aws-appsync-subscription-link';
import { filter } from 'rxjs';
import type { Config } from './config';
import type { Subscription, SubscriptionImageChangedArgs } from './graphql.generated';
import { type Image, toImage } from './models';
import './node-shims';

export interface Told {
  /** The subscription stands: nothing from now on is missed. */
  ready(): void;
  changed(image: Image): void;
  /** It is over; the same socket never comes back. */
  down(): void;
}

type Changed = Pick<Subscription, 'imageChanged'>;

// The server says it is alive every 60 seconds; two and a half of these silences are the end.
const SILENCE_MS = 150_000;

const CHANGES = gql`
  subscription Changes {
    imageChanged {
      id
      owner
      version
      status
      filename
      source
      original {
        contentType
        format
        width
        height
        bytes
        sha256
        frames
        orientation
        hasAlpha
        colourSpace
        camera {
          make
          model
          lens
          exposureSeconds
          aperture
          iso
          focalLengthMm
          takenAt
        }
      }
      renditions {
        preset
        format
        contentType
        width
        height
        bytes
        url
      }
      placeholder
      dominantColour
      removed
      failure {
        code
        message
        retryable
      }
      timings {
        wait
        read
        render
        write
      }
      revision
      createdAt
      updatedAt
    }
  }
`;

/** Subscribes to every change; returns what ends it. */
export function openSocket(parent: EnvironmentInjector, config: Config, told: Told): () => void {
  let [stands, wanted] = [false, true];
  const connected = (): void => {
    stands = true;
    if (wanted) told.ready();
    else subscription.unsubscribe();
  };
  const providers = [provideApollo(() => options(config, connected))];
  const injector = createEnvironmentInjector(providers, parent);
  const over = (): void => {
    injector.destroy();
    if (wanted) told.down();
  };
  const changes = injector.get(Apollo).subscribe<Changed, SubscriptionImageChangedArgs>({
    query: CHANGES,
    fetchPolicy: 'no-cache', // the store merges by version, and one cache is enough
    errorPolicy: 'all',
    context: { controlMessages: { [CONTROL_EVENTS_KEY]: true } },
  });
  const subscription = changes.subscribe({
    next: ({ data }) => {
      if (data?.imageChanged && wanted) told.changed(toImage(data.imageChanged));
    },
    error: over,
    complete: over,
  });
  return () => {
    wanted = false;
    // The link goes on connecting if it is left before, and then never closes its socket: so leave after.
    if (stands) subscription.unsubscribe();
  };
}

function options(config: Config, connected: () => void): ApolloClient.Options {
  const auth: AuthOptions = { type: AUTH_TYPE.API_KEY, apiKey: config.apiKey };
  const where = { url: config.graphqlUrl, region: config.region, auth };
  return {
    cache: new InMemoryCache(),
    devtools: { enabled: false },
    link: ApolloLink.from([
      beforeData(connected),
      createAuthLink(where),
      createSubscriptionHandshakeLink({ ...where, keepAliveTimeoutMs: SILENCE_MS }),
    ]),
  };
}

/** Hears that the subscription stands: Apollo's client drops that message, which has no data. */
function beforeData(connected: () => void): ApolloLink {
  return new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      filter(({ extensions }) => {
        const stands = extensions?.['controlMsgType'] === 'CONNECTED';
        if (stands) connected();
        return !stands;
      }),
    ),
  );
}
