// AWS's own AppSync client, unmodified: subscribes, mutates, prints what it gets, a JSON line each.
// Settings come as one JSON argument: { url, region, auth, subscription, variables, mutation }.

// CommonJS: as an ES module the package's own import of its SHA-256 is broken (4.0.3), so it cannot sign.
const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = require('@apollo/client');
const { createAuthLink } = require('aws-appsync-auth-link');
const { createSubscriptionHandshakeLink } = require('aws-appsync-subscription-link');

const { url, region, auth, subscription, variables, mutation } = JSON.parse(process.argv[2]);
const say = (line) => console.log(JSON.stringify(line));

// The auth link signs a body without Apollo's note on its own version, so Apollo must not add one.
const http = new HttpLink({ uri: url, enhancedClientAwareness: { transport: false } });
const link = ApolloLink.from([
  createAuthLink({ url, region, auth }),
  createSubscriptionHandshakeLink({ url, region, auth }, http),
]);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

async function mutate() {
  const { data } = await client.mutate({ mutation: gql(mutation), fetchPolicy: 'no-cache' });
  say({ mutated: data });
}

// The link keeps to itself when the subscription stands: so mutate until something comes.
const mutating = setInterval(mutate, 300);

client.subscribe({ query: gql(subscription), variables, fetchPolicy: 'no-cache' }).subscribe({
  next({ data, error }) {
    clearInterval(mutating);
    say({ got: data, error: error?.message });
    process.exit(error ? 1 : 0);
  },
  error(error) {
    say({ error: error.message });
    process.exit(1);
  },
});
setTimeout(() => process.exit(2), 20_000);
