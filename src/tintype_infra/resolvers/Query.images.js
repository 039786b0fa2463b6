import { util } from "@aws-appsync/utils";

/** Read a page of an owner's records, newest first. */
export function request(ctx) {
  const limit = ctx.args.limit ?? 50;
  if (limit < 1 || limit > 100) {
    util.error(`${limit} images; limit is 1 to 100`, "limit_out_of_range");
  }
  const owner = chosenOwner(ctx);
  return {
    operation: "Query",
    index: "byOwner",
    query: {
      expression: "#owner = :owner",
      expressionNames: { "#owner": "owner" },
      expressionValues: util.dynamodb.toMapValues({ ":owner": owner }),
    },
    scanIndexForward: false,
    limit,
    nextToken: ctx.args.nextToken,
  };
}

/** Return the page. */
export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type);
  }
  const images = ctx.result.items.map((image) => withAddresses(image, ctx.env.PUBLIC_URL));
  return { images, nextToken: ctx.result.nextToken };
}
