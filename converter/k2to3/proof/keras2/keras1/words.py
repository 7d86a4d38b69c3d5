from k2to3.source.json_text import Json
def model(config: Json) -> Json:
    return config
