namespace Engine.Feeds.BitMex;

/// <content>Words, strings and numbers.</content>
internal unsafe partial struct JsonScan
{
    private JsonState ReadWord(ReadOnlySpan<byte> word)
    {
        // SAFETY: the span is cut at the end of the text.
        int length = (int)Math.Min(word.Length, _end - _at);
        if (!new ReadOnlySpan<byte>(_at, length).SequenceEqual(word[..length]))
        {
            return JsonState.Bad;
        }

        _at += length;
        return length == word.Length ? JsonState.Good : JsonState.Cut;
    }

    private JsonState ReadString()
    {
        // SAFETY: as in Run; the spans end at the end of the text.
        _at++;
        while (true)
        {
            ReadOnlySpan<byte> rest = new(_at, (int)(_end - _at));
            int stop = rest.IndexOfAny((byte)'"', (byte)'\\');
            ReadOnlySpan<byte> plain = stop < 0 ? rest : rest[..stop];
            if (plain.ContainsAnyInRange((byte)0, (byte)0x1F))
            {
                return JsonState.Bad;
            }

            if (stop < 0)
            {
                return JsonState.Cut;
            }

            _at += stop + 1;
            if (rest[stop] == (byte)'"')
            {
                return JsonState.Good;
            }

            JsonState state = ReadEscape();
            if (state != JsonState.Good)
            {
                return state;
            }
        }
    }

    private JsonState ReadEscape()
    {
        // SAFETY: as in Run.
        if (_at == _end)
        {
            return JsonState.Cut;
        }

        byte letter = *_at++;
        if (letter != (byte)'u')
        {
            return "\"\\/bfnrt"u8.Contains(letter) ? JsonState.Good : JsonState.Bad;
        }

        for (int i = 0; i < 4; i++)
        {
            if (_at == _end)
            {
                return JsonState.Cut;
            }

            if (!char.IsAsciiHexDigit((char)*_at++))
            {
                return JsonState.Bad;
            }
        }

        return JsonState.Good;
    }

    /// <summary>minus? (0 | 1-9 digits) fraction? exponent?</summary>
    private JsonState ReadNumber()
    {
        // SAFETY: as in Run.
        if (*_at == (byte)'-')
        {
            _at++;
        }

        if (_at < _end && *_at == (byte)'0')
        {
            _at++;
        }
        else if (!SkipDigits())
        {
            return _at == _end ? JsonState.Cut : JsonState.Bad;
        }

        if (_at < _end && *_at == (byte)'.')
        {
            _at++;
            if (!SkipDigits())
            {
                return _at == _end ? JsonState.Cut : JsonState.Bad;
            }
        }

        if (_at < _end && *_at is (byte)'e' or (byte)'E')
        {
            _at++;
            _at += _at < _end && *_at is (byte)'+' or (byte)'-' ? 1 : 0;
            if (!SkipDigits())
            {
                return _at == _end ? JsonState.Cut : JsonState.Bad;
            }
        }

        return JsonState.Good;
    }

    private bool SkipDigits()
    {
        // SAFETY: as in Run.
        byte* start = _at;
        while (_at < _end && (uint)(*_at - '0') <= 9)
        {
            _at++;
        }

        return _at > start;
    }
}
