"""What a program in Python does with the API, by the library gql; prints what it got as JSON."""

import asyncio
import json
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError

URL, ARTIFACT = sys.argv[1:3]


async def main() -> dict:
    seen = {}
    transport = AIOHTTPTransport(url=URL)
    # reads the schema by introspection, and checks each operation against it before it is sent
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        found = await session.execute(
            gql("query Find($ref: String!) { resolve(ref: $ref) { __typename id } }"),
            variable_values={"ref": ARTIFACT},
        )
        seen["resolved"] = found["resolve"]["__typename"]

        pages = gql(
            """
            query Page($id: ID!, $after: String) {
              node(id: $id) {
                ... on Artifact {
                  contains(first: 2, after: $after) {
                    nodes { key }
                    pageInfo { hasNextPage endCursor }
                  }
                }
              }
            }
            """
        )
        keys, after = [], None
        while True:
            answer = await session.execute(
                pages, variable_values={"id": found["resolve"]["id"], "after": after}
            )
            page = answer["node"]["contains"]
            keys += [node["key"] for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        seen["contains"] = keys

        past = await session.execute(
            gql(
                """
                query Then($id: ID!) {
                  entityAt(id: $id, asOf: { valid: "2020-01-01T00:00:00Z" }) { id }
                }
                """
            ),
            variable_values={"id": found["resolve"]["id"]},
        )
        seen["past"] = past["entityAt"]

        receipt = await session.execute(
            gql(
                """
                mutation Record($input: RecordArtifactInput!) {
                  recordArtifact(input: $input, wait: APPLIED) { status error { code } }
                }
                """
            ),
            variable_values={"input": {"digest": "sha256:" + "7" * 64, "name": "from-python"}},
        )
        seen["receipt"] = receipt["recordArtifact"]["status"]

        try:
            await session.execute(gql('{ node(id: "nothing of ours") { id } }'))
        except TransportQueryError as error:
            seen["code"] = error.errors[0]["extensions"]["code"]

        try:
            await session.execute(gql("{ nowhere }"))
        except Exception as error:  # the library's own check, before anything is sent
            seen["refused"] = type(error).__name__

    # over a WebSocket, from the first event of a source on
    sockets = AIOHTTPWebsocketsTransport(url=URL.replace("http", "ws", 1))
    watch = gql(
        """
        subscription Watch($source: String!) {
          events(filter: { source: $source }) { position event { type } }
        }
        """
    )
    async with Client(transport=sockets) as session:
        source = "https://ci.example/clients-python-live"
        types = []
        async for item in session.subscribe(watch, variable_values={"source": source}):
            if item["events"]["event"] is not None:
                types.append(item["events"]["event"]["type"])
                break
            # the first item says that it has begun
            await session.execute(
                gql(
                    """
                    mutation Record($input: RecordArtifactInput!) {
                      recordArtifact(input: $input) { status }
                    }
                    """
                ),
                variable_values={
                    "input": {"digest": "sha256:" + "7" * 63 + "8", "source": source}
                },
            )
        seen["watched"] = types
    return seen


print(json.dumps(asyncio.run(main())))
