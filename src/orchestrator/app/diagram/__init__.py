"""Pictures of a pipeline: one outline, drawn as SVG, Mermaid or JSON."""
