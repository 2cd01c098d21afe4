"""Lists end users and institutions at the same time: python list_with_asyncio.py"""

import asyncio
import json
import os

import httpx

from fiskil_tokens import FISKIL, TokenProvider, httpx_auth

ORIGIN = os.environ.get("FISKIL_ORIGIN", FISKIL)
tokens = TokenProvider()


async def main() -> None:
    # This is for libraries other than httpx: the client waits in a thread, and the event loop continues.
    details = await asyncio.to_thread(tokens.get_token_details, min_ttl=60)
    async with httpx.AsyncClient(auth=httpx_auth(tokens, ORIGIN), base_url=ORIGIN, timeout=30) as fiskil:
        institutions = fiskil.get("/v1/institutions", params={"client_id": details.client_id})
        for answer in await asyncio.gather(fiskil.get("/v1/end-users"), institutions):
            answer.raise_for_status()
            print(json.dumps(answer.json()))


asyncio.run(main())
