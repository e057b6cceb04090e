using System.Runtime.CompilerServices;

namespace Engine.Feeds.BitMex;

/// <summary>
/// Checks that a text is JSON (RFC 8259) before anybody relies on it: a result in place of an exception. It accepts exactly what
/// <see cref="System.Text.Json.Utf8JsonReader"/> reads without one, but for depth.
/// </summary>
internal unsafe partial struct JsonScan
{
    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 32;

    private byte* _at;
    private byte* _end;
    private ulong _objects;
    private int _depth;
    private JsonPart _name;
    private byte* _value;

    /// <summary>Checks a text and shows the properties of its outermost object, if it is one.</summary>
    /// <typeparam name="TTop">Takes the properties. It has been shown some where the text turns out bad.</typeparam>
    /// <param name="text">The first byte.</param>
    /// <param name="length">How many.</param>
    /// <param name="top">Takes note of the properties.</param>
    public static JsonState Check<TTop>(byte* text, int length, ref TTop top)
        where TTop : struct, IJsonTop
    {
        JsonScan scan = new() { _at = text, _end = text + length };
        JsonState state = scan.Run(ref top);
        scan.SkipBlanks();
        return state == JsonState.Good && scan._at < scan._end ? JsonState.Bad : state;
    }

    /// <summary>A step of the loop is a value with the name before it, or an end; each takes at least a byte, so it ends.</summary>
    private JsonState Run<TTop>(ref TTop top)
        where TTop : struct, IJsonTop
    {
        // SAFETY: every read below lies before _end, which is checked right before it.
        bool opened = false;
        while (true)
        {
            SkipBlanks();
            if (_at == _end)
            {
                return JsonState.Cut;
            }

            bool inObject = _depth > 0 && (_objects & 1) != 0;
            JsonState state;
            if (opened && *_at == (inObject ? (byte)'}' : (byte)']'))
            {
                Close(ref top);
            }
            else
            {
                state = inObject ? ReadName() : JsonState.Good;
                state = state == JsonState.Good ? ReadValue(out opened) : state;
                if (state != JsonState.Good)
                {
                    return state;
                }

                if (opened)
                {
                    continue;
                }

                Note(ref top);
            }

            state = Follow(ref top);
            opened = false;
            if (state != JsonState.Good || _depth == 0)
            {
                return state;
            }
        }
    }

    /// <summary>After a value: ends, until a comma says that another comes, or the outermost value is over.</summary>
    private JsonState Follow<TTop>(ref TTop top)
        where TTop : struct, IJsonTop
    {
        // SAFETY: as in Run.
        while (_depth > 0)
        {
            SkipBlanks();
            if (_at == _end)
            {
                return JsonState.Cut;
            }

            if (*_at == (byte)',')
            {
                _at++;
                return JsonState.Good;
            }

            if (*_at != ((_objects & 1) != 0 ? (byte)'}' : (byte)']'))
            {
                return JsonState.Bad;
            }

            Close(ref top);
        }

        return JsonState.Good;
    }

    private void Close<TTop>(ref TTop top)
        where TTop : struct, IJsonTop
    {
        _at++;
        _depth--;
        _objects >>= 1;
        Note(ref top);
    }

    /// <summary>A value of the outermost object is over.</summary>
    private void Note<TTop>(ref TTop top)
        where TTop : struct, IJsonTop
    {
        if (_depth == 1 && (_objects & 1) != 0)
        {
            top.OnProperty(_name.Text, new JsonPart((nint)_value, (int)(_at - _value)));
        }
    }

    private JsonState ReadName()
    {
        // SAFETY: as in Run.
        byte* start = _at;
        JsonState state = *_at == (byte)'"' ? ReadString() : JsonState.Bad;
        if (state != JsonState.Good)
        {
            return state;
        }

        _name = _depth == 1 ? new JsonPart((nint)start, (int)(_at - start)) : _name;
        SkipBlanks();
        if (_at == _end || *_at != (byte)':')
        {
            return _at == _end ? JsonState.Cut : JsonState.Bad;
        }

        _at++;
        SkipBlanks();
        return _at == _end ? JsonState.Cut : JsonState.Good;
    }

    private JsonState ReadValue(out bool opened)
    {
        // SAFETY: callers have checked that there is a byte.
        opened = *_at is (byte)'{' or (byte)'[';
        if (_depth <= 1)
        {
            _value = _depth == 1 ? _at : _value;
        }

        switch (*_at)
        {
            case (byte)'{' or (byte)'[':
                if (_depth == MaxDepth)
                {
                    return JsonState.TooDeep;
                }

                _depth++;
                _objects = (_objects << 1) | (*_at == (byte)'{' ? 1u : 0u);
                _at++;
                return JsonState.Good;
            case (byte)'"':
                return ReadString();
            case (byte)'t':
                return ReadWord("true"u8);
            case (byte)'f':
                return ReadWord("false"u8);
            case (byte)'n':
                return ReadWord("null"u8);
            default:
                return ReadNumber();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipBlanks()
    {
        // SAFETY: as in Run.
        while (_at < _end && *_at is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            _at++;
        }
    }
}
