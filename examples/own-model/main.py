"""A model of your own, and a pipeline written in Python: run with `python main.py`.

A model is any class with a name, a profile and two methods; nothing is inherited. `build` makes the same canonical document
that a YAML file gives.
"""

from orchestrator import ModelProfile, ModelRequest, ModelResponse, Orchestrator, Usage, build


class PigLatin:
    """Answers every prompt in pig Latin; stands for the model that you would really call here."""

    name = "toys:pig-latin"
    profile = ModelProfile(local=True)

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Answer one request."""
        words = [f"{word[1:]}{word[0]}ay" for word in request.prompt.split()]
        usage = Usage(requests=1, input_tokens=len(words), output_tokens=len(words))
        return ModelResponse(text=" ".join(words), model=self.name, usage=usage)

    async def close(self) -> None:
        """Hold nothing."""


PIPELINE = (
    build("own-model")
    .input("texts", type="array", items={"type": "string"}, default=["hello world", "good day"])
    .for_each(
        "answers",
        "{{ inputs.texts }}",
        {"model": "toys:pig-latin"},
        action="generate",
        parameters={"prompt": "{{ item }}"},
        max_parallel=2,
    )
    .output("answers", "{{ steps.answers }}")
)


def main() -> None:
    """Run the pipeline and print what came out."""
    with Orchestrator("memory:", models=[PigLatin()]) as orchestrator:
        result = orchestrator.run(PIPELINE)
        print(result.status, result.outputs["answers"], result.usage.requests)


if __name__ == "__main__":
    main()
