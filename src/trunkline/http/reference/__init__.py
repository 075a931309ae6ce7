"""What the server tells about itself: `/openapi.json`, and from the same document the pages under `/docs`.

Everything here is made from the route table and the structs of the messages when it is first asked for. What those
cannot know is data (`trunkline/data/reference`): the purpose of an operation and its example requests in
`operations.toml`, the names and fields of the messages in `shapes.toml`, the answers that the example requests really
had in `answers.json` (written by `tools/examples.py`), and HubSpot's products in `products.json`.
"""
